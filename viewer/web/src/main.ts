/** The planner page. */

import "./tokens.css";
import { bindAddress } from "./core/address";
import { open } from "./panels/planner";

await bindAddress();
open();
