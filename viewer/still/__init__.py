"""Still pictures of the maquette: what is drawn, how it is lit and what is written beside it; drawn in viewer.scene."""
