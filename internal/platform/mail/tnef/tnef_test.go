package tnef_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"
	"unicode/utf16"

	"dianke/internal/platform/mail/tnef"
)

// wrapper builds a winmail.dat as Outlook does.
type wrapper struct{ bytes.Buffer }

func newWrapper() *wrapper {
	w := &wrapper{}
	w.num(uint32(0x223e9f78))
	w.num(uint16(1))
	return w
}

func (w *wrapper) num(v any) { _ = binary.Write(w, binary.LittleEndian, v) }

func (w *wrapper) attribute(level byte, id uint32, data []byte) {
	w.WriteByte(level)
	w.num(id)
	w.num(uint32(len(data)))
	w.Write(data)
	var sum uint16
	for _, b := range data {
		sum += uint16(b)
	}
	w.num(sum)
}

func property(kind, id uint16, value []byte) []byte {
	w := &wrapper{}
	w.num(kind)
	w.num(id)
	w.num(uint32(1))
	w.num(uint32(len(value)))
	w.Write(value)
	w.Write(make([]byte, (4-len(value)%4)%4))
	return w.Bytes()
}

func wide(s string) []byte {
	w := &wrapper{}
	w.num(utf16.Encode([]rune(s + "\x00")))
	return w.Bytes()
}

func properties(list ...[]byte) []byte {
	w := &wrapper{}
	w.num(uint32(len(list)))
	for _, p := range list {
		w.Write(p)
	}
	return w.Bytes()
}

func sampleWrapper() []byte {
	w := newWrapper()
	w.attribute(1, 0x00089006, []byte{0, 0, 1, 0})
	number := &wrapper{}
	number.num(uint16(3))
	number.num(uint16(0x3fde))
	number.num(uint32(936))
	w.attribute(1, 0x00069003, properties(number.Bytes(), property(0x1f, 0x1000, wide("请看附件"))))
	w.attribute(2, 0x00069002, make([]byte, 14))
	w.attribute(2, 0x00018010, []byte("HETONG~1.PDF\x00"))
	w.attribute(2, 0x0006800f, []byte("%PDF-1.4 contract"))
	w.attribute(2, 0x00069005, properties(property(0x1f, 0x3707, wide("合同.pdf")), property(0x1e, 0x370e, []byte("application/pdf\x00"))))
	w.attribute(2, 0x00069002, make([]byte, 14))
	w.attribute(2, 0x00018010, []byte("b.txt\x00"))
	w.attribute(2, 0x0006800f, []byte("second"))
	return w.Bytes()
}

func TestRead(t *testing.T) {
	t.Parallel()
	c, err := tnef.Read(sampleWrapper())
	if err != nil || c.Text != "请看附件" || len(c.Files) != 2 {
		t.Fatalf("%+v, %v", c, err)
	}
	if f := c.Files[0]; f.Name != "合同.pdf" || f.Type != "application/pdf" || string(f.Data) != "%PDF-1.4 contract" {
		t.Errorf("%+v", f)
	}
	if f := c.Files[1]; f.Name != "b.txt" || string(f.Data) != "second" {
		t.Errorf("%+v", f)
	}
}

func TestDamage(t *testing.T) {
	t.Parallel()
	whole := sampleWrapper()
	for cut := range whole {
		c, err := tnef.Read(whole[:cut])
		if err == nil && len(c.Files) == 2 && len(c.Files[1].Data) > 0 {
			t.Fatalf("cut at %d: nothing was missed", cut)
		}
	}
	if c, err := tnef.Read(whole[:len(whole)-3]); !errors.Is(err, tnef.ErrFormat) || len(c.Files) == 0 || c.Files[0].Name != "合同.pdf" {
		t.Errorf("what stood before the damage is lost: %+v, %v", c, err)
	}
	if _, err := tnef.Read([]byte("no wrapper at all")); !errors.Is(err, tnef.ErrFormat) {
		t.Error(err)
	}
	w := newWrapper()
	w.attribute(1, 0x00069003, []byte{0xff, 0xff, 0xff, 0xff, 0x1f, 0x10, 0x00, 0x10, 0xff, 0xff, 0xff, 0x7f})
	if _, err := tnef.Read(w.Bytes()); err != nil {
		t.Error(err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(sampleWrapper())
	f.Fuzz(func(_ *testing.T, b []byte) { _, _ = tnef.Read(b) })
}
