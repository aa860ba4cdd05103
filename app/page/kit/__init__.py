"""Shared building blocks of the views: DOM helpers, words, figures, language."""
