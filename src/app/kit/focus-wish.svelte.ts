// A wish that the focus go somewhere: whoever shows that place takes it, once, even where it is only about to be shown.

export class FocusWish {
  private wished = $state.raw(0);
  private served = 0;

  make(): void {
    this.wished++;
  }

  /** For an effect. @returns whether there is one, which is granted by this */
  take(): boolean {
    const open = this.wished !== this.served;
    this.served = this.wished;
    return open;
  }
}
