import { registry } from "@web/core/registry";

// What the tours meet is made by the Python test that starts them.
registry.category("web_tour.tours").add("mlm_offers_agent", {
    url: "/my/offers",
    steps: () => [
        { content: "New offer", trigger: 'a[href="/my/offers/new"]', run: "click", expectUnloadPage: true },
        { content: "The customer", trigger: 'select[name="customer"]', run: "selectByLabel Kim" },
        { content: "The offer", trigger: '.o_mlm_template:contains("Test Package") input', run: "click" },
        { content: "A discount", trigger: 'input[name="discount"]', run: "edit 10" },
        { content: "Create", trigger: '.o_mlm_new_offer button[type="submit"]', run: "click", expectUnloadPage: true },
        { content: "90.00", trigger: 'h3 ~ span:contains("90.00")' },
        { content: "Send it", trigger: 'form[action$="/send"] button', run: "click", expectUnloadPage: true },
        { content: "It is sent", trigger: '.alert-success:contains("on its way")' },
        { content: "And shows as sent", trigger: '.badge:contains("Sent")' },
    ],
});

registry.category("web_tour.tours").add("mlm_offers_customer", {
    steps: () => [
        { content: "The agent", trigger: '.o_mlm_agent_card:contains("@agents.example.com")' },
        { content: "The countdown runs", trigger: ".o_mlm_countdown:contains(/[0-9]:[0-9]/)" },
        { content: "Wait for the page", trigger: "body[is-ready=true]" },
        { content: "Wait for the messages", trigger: "#chatterRoot:shadow .o-mail-Thread", timeout: 60000 },
        {
            content: "Choose the option",
            trigger: "tr:contains('Second Opinion') input.js_quantity",
            run: "edit 2 && press Tab",
            expectUnloadPage: true,
        },
        { content: "90 + 2 x 36", trigger: '#total:contains("162.00")' },
        { content: "Wait for the page", trigger: "body[is-ready=true]" },
        { content: "Wait for the messages", trigger: "#chatterRoot:shadow .o-mail-Thread", timeout: 60000 },
        { content: "Accept", trigger: '#sale_order_sidebar_button a:contains("Sign")', run: "click" },
        { content: "The signature", trigger: ".modal.show canvas.o_web_sign_signature", run: "canvasNotEmpty" },
        { content: "Sign", trigger: ".modal.show .o_portal_sign_submit:enabled", run: "click", expectUnloadPage: true },
        { content: "Done", trigger: '#quote_content:contains("Thank You")' },
    ],
});

registry.category("web_tour.tours").add("mlm_offers_contract", {
    steps: () => [
        { content: "Wait for the page", trigger: "body[is-ready=true]" },
        { content: "Wait for the messages", trigger: "#chatterRoot:shadow .o-mail-Thread", timeout: 60000 },
        { content: "Accept", trigger: "#sale_order_sidebar_button .o_mlm_contract_button", run: "click", expectUnloadPage: true },
        { content: "The text", trigger: '.o_mlm_contract:contains("Between us and Kim")' },
        {
            content: "It opens at its beginning",
            trigger: ".o_mlm_sign_button",
            run() {
                const main = document.querySelector("#wrapwrap");
                if (window.scrollY || main.scrollTop) {
                    throw new Error(`The contract opened ${window.scrollY || main.scrollTop} pixels down.`);
                }
            },
        },
        { content: "To the signature", trigger: ".o_mlm_sign_button", run: "click" },
        { content: "The signature", trigger: ".modal.show canvas.o_web_sign_signature", run: "canvasNotEmpty" },
        { content: "Sign", trigger: ".modal.show .o_portal_sign_submit:enabled", run: "click", expectUnloadPage: true },
        { content: "Signed by everybody", trigger: '.o_mlm_signed:contains("signed by everybody")' },
    ],
});

registry.category("web_tour.tours").add("mlm_offers_staff", {
    steps: () => [
        { content: "Network Offer", trigger: 'button[name="action_mlm_new_offer"]', run: "click" },
        { content: "Create", trigger: '.modal button[name="action_create_offer"]', run: "click" },
        { content: "The offer", trigger: '.o_field_widget[name="order_line"] .o_data_row:contains("Case File")' },
        { content: "Its follow-up", trigger: 'a[name="mlm_follow_up"]', run: "click" },
        { content: "Still a draft", trigger: '.o_field_widget[name="mlm_offer_state"]:contains("Draft")' },
    ],
});
