"""Stores that others use, asked to count the same sessions."""
