"""Jinja templates and the style sheet of the HTML page."""
