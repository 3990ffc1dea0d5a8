"""MAVLink in and out: links, streams, commands and their acknowledgements, requests, parameters."""
