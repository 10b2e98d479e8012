"""Meters over HTTP: what devices send, and what facilities fetch."""
