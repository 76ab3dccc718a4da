// The page that asks for the token.

import { find } from "./dom.js";
import { translate, word } from "./words.js";

translate();
if (new URLSearchParams(location.search).has("wrong")) find("wrong").textContent = word("loginWrong");
