"""The parts on the table of a virtual kit: models of sensors and lamps, and the wires to them."""
