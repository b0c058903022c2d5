"""Issue 4 alive: the histories of some children of the demonstration, played day by day through the product's own actions."""
