import { registry } from "@web/core/registry";
import { rpc } from "@web/core/network/rpc";
import { Interaction } from "@web/public/interaction";
import { _t } from "@web/core/l10n/translation";

const PING = 15000;

/** Tells the server that the offer is open and visible. No cookie is set: the visit lives as long as this page. */
export class OfferVisit extends Interaction {
    static selector = "[data-mlm-seen]";

    setup() {
        this.key = null;
        this.ended = false;
    }

    start() {
        this.ping();
        const timer = setInterval(() => this.ping(), PING);
        this.registerCleanup(() => clearInterval(timer));
    }

    async ping() {
        if (this.ended || document.visibilityState !== "visible") {
            return;
        }
        try {
            this.key = await rpc(
                this.el.dataset.mlmSeen,
                {
                    key: this.key,
                    access_token: this.el.dataset.mlmToken,
                    device: window.matchMedia("(max-width: 767px)").matches ? "phone" : "desktop",
                },
                { silent: true }
            );
            this.ended = !this.key;
        } catch {
            this.ended = true;
        }
    }
}

/** Counts down to the end of an offer. */
export class OfferCountdown extends Interaction {
    static selector = "[data-mlm-until]";

    start() {
        this.until = new Date(this.el.dataset.mlmUntil).getTime();
        this.show();
        const timer = setInterval(() => this.show(), 1000);
        this.registerCleanup(() => clearInterval(timer));
    }

    show() {
        const left = Math.max(0, Math.floor((this.until - Date.now()) / 1000));
        const days = Math.floor(left / 86400);
        const clock = [Math.floor((left % 86400) / 3600), Math.floor((left % 3600) / 60), left % 60]
            .map((part) => String(part).padStart(2, "0"))
            .join(":");
        this.el.textContent = days ? _t("%(days)s days %(clock)s", { days, clock }) : clock;
    }
}

registry.category("public.interactions").add("mlm_offers.offer_visit", OfferVisit);
registry.category("public.interactions").add("mlm_offers.offer_countdown", OfferCountdown);
