"""What is flashed: projects built, finished builds, identities put in."""
