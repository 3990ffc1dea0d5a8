"""What crosses a process or the radio: messages, topics, codec, sockets, clocks, geodesy, configuration, errors."""
