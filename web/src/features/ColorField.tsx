import { t } from "../i18n/translate.ts";
import { Icon } from "../ui/Icon.tsx";
import { Dot } from "./Dot.tsx";

/** Colors that are told apart easily, with the keys of their names. */
const COLORS = [
  ["#c22e23", "red"],
  ["#b45a00", "orange"],
  ["#8a6d00", "yellow"],
  ["#3e7d3a", "green"],
  ["#1c7c86", "teal"],
  ["#2b6cb8", "blue"],
  ["#7a4fb5", "violet"],
  ["#b0447f", "pink"],
  ["#6b726d", "grey"],
] as const;

export interface ColorFieldProps {
  /** `#rrggbb`, or null for none. */
  value: string | null;
  onChange: (color: string | null) => void;
}

/** The choice of a color, or of none. A color that is not offered stays until another is chosen. */
export function ColorField({ value, onChange }: ColorFieldProps) {
  const offered = COLORS.map(([color, name]) => ({ color, label: t(`color.${name}`) }));
  const isOther = value !== null && !offered.some(({ color }) => color === value.toLowerCase());
  const choices = [
    { color: null, label: t("color.none") },
    ...offered,
    ...(isOther ? [{ color: value, label: value }] : []),
  ];
  return (
    <fieldset class="field color-field">
      <legend class="label-text">{t("color.title")}</legend>
      <div class="color-choices">
        {choices.map(({ color, label }) => (
          <label key={label} title={label}>
            <input
              class="sr"
              type="radio"
              name="color"
              aria-label={label}
              checked={(value?.toLowerCase() ?? null) === (color?.toLowerCase() ?? null)}
              onChange={() => onChange(color)}
            />
            {color === null ? <Icon name="x" /> : <Dot color={color} />}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
