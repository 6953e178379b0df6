"""Which components a component of a project sees, as REQUIRES and PRIV_REQUIRES say."""
