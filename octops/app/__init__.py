"""Where the real parts are plugged together; the command line and the library both call it."""
