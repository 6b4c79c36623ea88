"""Ids of users and items: what they may be, and which ones stand for none."""
