"""The message broker: connections, sessions, publishing, subscribing, shadows, limits."""
