"""The HTTPS APIs: requests in, answers of moto or of our own out."""
