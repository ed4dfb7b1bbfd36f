"""Tests of codegen, over nests built by ``codegen.builder`` without the frontend."""
