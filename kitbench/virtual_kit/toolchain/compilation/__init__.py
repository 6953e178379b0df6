"""From C to the app: compiler, linker, C library, shims, and their caches."""
