"""Raw numbers of P-256 in disguise: their bytes in another order, or under a mask of one byte."""
