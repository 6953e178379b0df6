"""Fleet provisioning by claim: templates, certificates for devices that ask, and things made by a template."""
