"""Who may come in: accounts, sessions, the sign-in page."""
