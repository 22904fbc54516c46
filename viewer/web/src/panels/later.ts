/** Panels that nobody needs while the page opens, in one parcel: together they pack smaller. */

import "./dialog";
import "./dock";
import "./gains";
import "./inspector";
import "./legend";
import "./places";
import "./swipe";
