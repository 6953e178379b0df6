"""What the local IoT core keeps between runs, in a folder that its user names: the CA, and what was registered."""
