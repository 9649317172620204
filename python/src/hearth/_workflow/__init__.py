"""Workflows in YAML (docs/workflows.md): the interpreter of the C library, and what hosts it in Python."""
