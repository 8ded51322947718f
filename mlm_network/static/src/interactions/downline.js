import { rpc } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

/**
 * The tree of an agent's downline: a frontline is asked for when it is unfolded, and in pieces. The server renders the
 * cards; without JavaScript the links lead to pages that show the same.
 */
export class Downline extends Interaction {
    static selector = ".o_mlm_downline";
    dynamicContent = {
        _root: { "t-on-click": this.onClick },
    };

    onClick(ev) {
        const link = ev.target.closest(".o_mlm_unfold, .o_mlm_more");
        if (!link || link.dataset.busy || ev.ctrlKey || ev.metaKey || ev.shiftKey) {
            return;
        }
        ev.preventDefault();
        return link.matches(".o_mlm_more") ? this.showMore(link) : this.toggle(link);
    }

    async toggle(link) {
        const item = link.closest(".o_mlm_card");
        let below = item.querySelector(":scope > .o_mlm_below");
        if (!below) {
            const answer = await this.read(link, 0);
            if (!answer) {
                return;
            }
            below = document.createElement("ul");
            below.className = "o_mlm_below list-unstyled";
            below.innerHTML = answer.html;
            item.append(below);
        } else {
            below.classList.toggle("d-none");
        }
        link.setAttribute("aria-expanded", String(!below.classList.contains("d-none")));
    }

    async showMore(link) {
        const answer = await this.read(link, parseInt(link.dataset.offset));
        if (answer) {
            const item = link.closest("li");
            item.insertAdjacentHTML("beforebegin", answer.html);
            item.remove();
        }
    }

    /** Cards as HTML; where there are none any more, the page itself says why. */
    async read(link, offset) {
        link.dataset.busy = "1";
        try {
            const answer = await this.waitFor(rpc("/my/network/below", { code: link.dataset.code, offset }));
            if (!answer) {
                window.location.reload();
            }
            return answer;
        } finally {
            delete link.dataset.busy;
        }
    }
}

registry.category("public.interactions").add("mlm_network.downline", Downline);
