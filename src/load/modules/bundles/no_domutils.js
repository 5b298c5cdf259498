// css-select's usual tree, which html_parser.js has another for.
