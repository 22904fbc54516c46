/** The planner page. */

import "./tokens.css";
import { bindAddress } from "./core/planner";
import { open } from "./panels/planner";

await bindAddress();
open();
