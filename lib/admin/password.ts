/** Passwords of eight and more characters that every list of leaked ones begins with, in lower case. */
const common: ReadonlySet<string> = new Set(
  `00000000 0000000000 0123456789 0987654321 1029384756 11111111 111111111 1111111111 11223344 1122334455 12121212 12312312
  123123123 1231231234 123321123 12341234 123451234 1234512345 12345678 123456789 1234567890 123456789a 1234567891
  12345678910 123456789q 1234567899 12345679 123654789 123qweasd 123qwe123 12qwaszx 1234qwer 1234abcd 12345qwert 13131313
  147258369 14789632 147852369 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx 1qaz2wsx3edc 1qazxsw2 22222222 23232323 25802580
  31415926 33333333 44444444 55555555 66666666 77777777 789456123 87654321 88888888 963852741 987654321 9876543210 99999999
  999999999 a1234567 a12345678 a123456789 a1b2c3d4 aa123456 aa12345678 aaaaaaaa abc12345 abc123456 abcd1234 abcd12345
  abcdefgh abcdefghi abcdefg1 access14 admin123 admin1234 admin12345 administrator adminadmin alexander asdf1234 asdfasdf
  asdfghjk asdfghjkl asdfghjkl1 babygirl baseball baseball1 basketball benjamin bigdaddy blink182 butterfly caroline
  changeme changeme1 changeme123 changeit charlie1 charlotte chocolate christian christine christopher computer
  computer1 corvette danielle december dragon12 drowssap einstein elephant elizabeth fernando football football1 gabriel1
  gateway1 gatehouse gfhjkm123 godzilla hallo123 hello123 hello1234 helloworld iloveyou iloveyou1 iloveyou2 internet
  jennifer jessica1 jonathan justin123 kristina letmein1 letmein123 lifehack liverpool liverpool1 login123 lovelove
  manchester marlboro master123 maverick mercedes michael1 michelle microsoft monkey12 monkey123 mustang1 myspace1 natalie1
  nicholas nicole12 nodered1 noderednodered november p@ssw0rd p@ssword pa55word pass1234 passpass passport passw0rd
  passw0rd1 password password! password0 password01 password1 password1! password11 password12 password123 password1234
  password12345 password123! password2 password3 password99 passwort passwort1 patricia princess princess1 pokemon123
  q1w2e3r4 q1w2e3r4t5 q1w2e3r4t5y6 q123456789 qazwsx123 qazwsxedc qazxswedc qwaszx12 qwe123456 qweasdzxc qwer1234 qwerasdf
  qwert123 qwert12345 qwerty12 qwerty123 qwerty1234 qwerty12345 qwerty123456 qwertyui qwertyuiop qwertyuiop123 raspberry
  rootroot samantha scorpion security sergey123 september slipknot snickers software spiderman starwars starwars1 steelers
  stephanie sunshine sunshine1 superman superman1 superstar swordfish test1234 test12345 testtest testing1 testpass
  trustno1 trustno1! victoria wachtwoord welcome1 welcome12 welcome123 whatever william1 xxxxxxxx yourpassword zaq12wsx
  zaq1zaq1 zxcvbnm1 zxcvbnm123 zxcvbnmn`.split(/\s+/),
);

const minLength = 8;

/**
 * What is wrong with a password that somebody chooses, or undefined. No rule for kinds of characters: length helps,
 * such rules do not (OWASP ASVS 5.0 6.2.5).
 */
export function passwordComplaint(password: string, name: string): string | undefined {
  if ([...password.slice(0, 2 * minLength)].length < minLength) return `takes at least ${minLength} characters`;
  const folded = password.toLowerCase();
  if (common.has(folded) || new Set(folded).size < 3) return "is one of the passwords that are tried first";
  return folded === name.toLowerCase() ? "may not be the name" : undefined;
}
