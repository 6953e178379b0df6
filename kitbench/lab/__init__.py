"""Kits on many machines, by labgrid (`--kit labgrid:PLACE`): leased for a run, and given back however it ends.

labgrid's own client does it, as a program: pyserial-labgrid, which it needs, owns the same files as pyserial, so the
two are better kept in environments of their own.
"""
