"""What every view is built from: DOM helpers, words, figures, language."""
