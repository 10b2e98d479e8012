"""What the concierge costs: `python -m bench`. See docs/performance.md."""
