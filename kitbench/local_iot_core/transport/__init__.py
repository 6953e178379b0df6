"""Sockets, TLS, WebSocket and SigV4 below the broker and the APIs."""
