"""One question: prompt, recorder panel, text field, tracks."""
