"""Is this bench fit to grade? Each check looks and changes nothing; each line says what fixes it."""
