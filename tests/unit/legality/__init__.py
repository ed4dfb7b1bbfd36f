"""Tests of legality."""
