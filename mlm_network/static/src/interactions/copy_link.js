import { registry } from "@web/core/registry";
import { browser } from "@web/core/browser/browser";
import { Interaction } from "@web/public/interaction";
import { _t } from "@web/core/l10n/translation";

/** Copies the text of the field beside the button, and says so. */
export class CopyLink extends Interaction {
    static selector = ".o_mlm_copy";
    dynamicContent = {
        ".o_mlm_copy_button": { "t-on-click": this.copy },
    };

    async copy(ev) {
        const input = this.el.querySelector("input");
        input.select();
        try {
            await this.waitFor(browser.navigator.clipboard.writeText(input.value));
        } catch {
            // Not every browser lets a page write there, and none without HTTPS.
            document.execCommand("copy");
        }
        ev.target.closest("button").textContent = _t("Copied");
    }
}

registry.category("public.interactions").add("mlm_network.copy_link", CopyLink);
