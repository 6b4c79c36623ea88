"""What the page is drawn from."""
