"""The application of Django's tutorial."""
