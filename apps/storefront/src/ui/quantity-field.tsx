import { useEffect, useId, useState } from 'react';
import { maxQuantity } from '../cart/cart';

interface QuantityFieldProps {
  readonly label: string;
  readonly isLabelUnseen?: boolean;
  readonly value: number;
  readonly onChange: (quantity: number) => void;
}

/** A number field that may be empty while typing; invalid input is reset to the last quantity. */
export function QuantityField({ label, isLabelUnseen = false, value, onChange }: QuantityFieldProps) {
  const id = useId();
  const [text, setText] = useState(String(value));
  useEffect(() => setText(String(value)), [value]);
  const isQuantity = (candidate: string) =>
    /^\d{1,2}$/.test(candidate) && Number(candidate) >= 1 && Number(candidate) <= maxQuantity;
  return (
    <div className="quantity">
      <label htmlFor={id} className={isLabelUnseen ? 'unseen' : undefined}>
        {label}
      </label>
      <input
        id={id}
        type="number"
        inputMode="numeric"
        min={1}
        max={maxQuantity}
        value={text}
        onChange={({ target }) => {
          setText(target.value);
          if (isQuantity(target.value)) onChange(Number(target.value));
        }}
        onBlur={() => setText(String(value))}
      />
    </div>
  );
}
