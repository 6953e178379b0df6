"""AWS IoT Jobs: what is to be done on which things, how far each is, and how devices hear of it and answer."""
