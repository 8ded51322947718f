/** What is on the screen as a picture, to be printed or sent: plain SVG, drawn from the rows of the tree. */

const WIDTH = 190;
const HEIGHT = 74;
const GAP = 16;
const ROW_GAP = 46;
/** Cards beside each other at least; more of a large frontline, so that a picture is a sheet and no ribbon. */
const COLUMNS = 6;
const SHEET = 0.6;
/** Browsers draw no picture larger than this. */
const MAX = { side: 16000, area: 60e6 };
const MARGIN = 24;

function escape(text) {
    return String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function shorten(text, length = 20) {
    return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

/**
 * @param {Object[][]} rows the cards of each level: {id, name, lines, color, parentId}
 * @param {Object} [options]
 * @param {string} [options.title]
 * @param {Object[]} [options.legend] {color, label}
 * @returns {{svg: string, width: number, height: number}}
 */
export function drawTree(rows, { title = "", legend = [] } = {}) {
    const longest = Math.max(...rows.map((row) => row.length), 1);
    const columns = Math.min(longest, Math.max(COLUMNS, Math.ceil(Math.sqrt(SHEET * longest))));
    const width = Math.max(columns * (WIDTH + GAP) - GAP, 420) + 2 * MARGIN;
    const parts = [];
    const places = {};
    let y = MARGIN;
    if (title) {
        parts.push(`<text x="${MARGIN}" y="${y + 14}" class="title">${escape(title)}</text>`);
        y += 34;
    }
    if (legend.length) {
        let x = MARGIN;
        for (const { color, label } of legend) {
            const text = shorten(label);
            parts.push(
                `<rect x="${x}" y="${y}" width="12" height="12" rx="2" fill="${escape(color)}"/>`,
                `<text x="${x + 18}" y="${y + 11}" class="small">${escape(text)}</text>`
            );
            x += 40 + 7 * text.length;
        }
        y += 34;
    }
    for (const row of rows) {
        const parent = places[row[0]?.parentId];
        if (parent) {
            y += ROW_GAP;
            const last = Math.min(row.length, columns);
            const left = (width - last * (WIDTH + GAP) + GAP) / 2 + WIDTH / 2;
            const right = left + (last - 1) * (WIDTH + GAP);
            const middle = y - ROW_GAP / 2;
            parts.push(
                `<path class="line" d="M${parent.x} ${parent.y}V${middle}M${Math.min(left, parent.x)} ${middle}H${Math.max(right, parent.x)}"/>`
            );
            for (let column = 0; column < last; column++) {
                parts.push(`<path class="line" d="M${left + column * (WIDTH + GAP)} ${middle}V${y}"/>`);
            }
        } else if (places.any) {
            y += GAP;
        }
        for (let start = 0; start < row.length; start += columns) {
            const line = row.slice(start, start + columns);
            let x = (width - line.length * (WIDTH + GAP) + GAP) / 2;
            for (const card of line) {
                parts.push(
                    `<rect x="${x}" y="${y}" width="${WIDTH}" height="${HEIGHT}" rx="4" class="card"/>`,
                    `<rect x="${x}" y="${y}" width="${WIDTH}" height="5" rx="2" fill="${escape(card.color)}"/>`,
                    `<text x="${x + 10}" y="${y + 25}" class="name">${escape(shorten(card.name))}</text>`,
                    ...card.lines.map(
                        (text, index) =>
                            `<text x="${x + 10}" y="${y + 43 + 17 * index}" class="small">${escape(shorten(text, 28))}</text>`
                    )
                );
                places[card.id] = { x: x + WIDTH / 2, y: y + HEIGHT };
                places.any = true;
                x += WIDTH + GAP;
            }
            y += HEIGHT + GAP;
        }
        y -= GAP;
    }
    const height = y + MARGIN;
    const style =
        "text{font-family:Roboto,Helvetica,Arial,sans-serif;fill:#212529}.title{font-size:18px;font-weight:bold}" +
        ".name{font-size:13px;font-weight:bold}.small{font-size:12px;fill:#5f666d}.line{stroke:#ababb1;stroke-width:2;fill:none}" +
        ".card{fill:#fff;stroke:#ced4da}";
    const svg =
        `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">` +
        `<style>${style}</style><rect width="${width}" height="${height}" fill="#fff"/>${parts.join("")}</svg>`;
    return { svg, width, height };
}

/**
 * @param {{svg: string, width: number, height: number}} picture
 * @returns {Promise<Blob>} PNG in twice the size, fit for printing; smaller where a browser draws no more
 */
export async function toPng({ svg, width, height }) {
    const image = new Image(width, height);
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    const scale = Math.min(2, MAX.side / Math.max(width, height), Math.sqrt(MAX.area / (width * height)));
    canvas.width = width * scale;
    canvas.height = height * scale;
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}
