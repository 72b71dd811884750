"""Alerts: what is wrong, who is told, and what came of it."""
