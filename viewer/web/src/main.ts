/** The planner page. */

import "./tokens.css";
import "./panels/planner";
