"""Tests of poly."""
