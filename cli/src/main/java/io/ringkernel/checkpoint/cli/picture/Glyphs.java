package io.ringkernel.checkpoint.cli.picture;

/**
 * Letters of five by seven pixels, some of which hang two lower: enough for names and numbers in a
 * picture. What has no letter is shown as a question mark.
 */
final class Glyphs {
  static final int WIDTH = 5;

  /** With what hangs below the line. */
  static final int HEIGHT = 9;

  private static final int ROWS = 7;
  private static final String HANGING = "gpqy";

  /** From one letter to the next. */
  static final int ADVANCE = 6;

  private static final int HEX = 16;

  /** A letter, then its rows from the top: two hex digits each, the leftmost pixel is bit 4. */
  private static final String SHAPES =
      "A0E11111F111111B1E11111E11111EC0E11101010110ED1E11111111111E"
          + "E1F10101E10101FF1F10101E101010G0E11101711110FH1111111F111111"
          + "I0E04040404040EJ0702020202120CK11121418141211L1010101010101F"
          + "M111B1515111111N11191915131311O0E11111111110EP1E11111E101010"
          + "Q0E11111115120DR1E11111E141211S0F10100E01011ET1F040404040404"
          + "U1111111111110EV11111111110A04W11111115151B11X11110A040A1111"
          + "Y1111110A040404Z1F01020408101F00E11131519110E1040C040404040E"
          + "20E11010204081F31F02040201110E402060A121F020251F101E0101110E"
          + "60608101E11110E71F01020408080880E11110E11110E90E11110F01020C"
          + "a00000E010F110Fb1010161911111Ec00000E1110110Ed01010D1311110F"
          + "e00000E111F100Ef0609081C080808g0F1111110F010Eh10101619111111"
          + "i04000C0404040Ej0200060202120Ck10101214181412l0C04040404040E"
          + "m00001A15151111n00001619111111o00000E1111110Ep1E1111111E1010"
          + "q0F1111110F0101r00001619101010s00000F100E011Et08081C08080906"
          + "u0000111111130Dv00001111110A04w0000111115150Ax0000110A040A11"
          + "y111111110F010Ez00001F0204081F-0000001F000000_0000000000001F"
          + ".00000000000C0C,000000000C0408:000C0C000C0C00/00010204081000"
          + "%18190204081303(02040808080402)08040202020408=00001F001F0000"
          + "+0004041F040400#0A0A1F0A1F0A0A@0E11171517100E'04040800000000"
          + ">08040201020408?0E110102040004";

  private static final int RECORD = 1 + 2 * ROWS;
  private static final long[] BY_CHARACTER = new long[128];

  static {
    for (int at = 0; at < SHAPES.length(); at += RECORD) {
      BY_CHARACTER[SHAPES.charAt(at)] = Long.parseLong(SHAPES.substring(at + 1, at + RECORD), HEX);
    }
  }

  private Glyphs() {}

  /** Whether a pixel of a letter is inked. */
  static boolean isSet(char letter, int column, int row) {
    boolean known = letter == ' ' || (letter < BY_CHARACTER.length && BY_CHARACTER[letter] != 0);
    int from = HANGING.indexOf(letter) < 0 ? 0 : HEIGHT - ROWS;
    if (row < from || row >= from + ROWS) {
      return false;
    }
    long shape = BY_CHARACTER[known ? letter : '?'];
    int bit = 8 * (ROWS - 1 - (row - from)) + WIDTH - 1 - column;
    return ((shape >> bit) & 1) != 0;
  }
}
