"""The operators' room: what they see of the gateway, and what they do."""
