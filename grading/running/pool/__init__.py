"""Many attached kits as one pool: who has which, which are put aside, and what a session holds meanwhile."""
