"""What Lambda ships and `bot/` shares."""

VERSION = "0.1.0"  # pyproject.toml says the same
