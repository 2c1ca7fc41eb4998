/** The operator `bounded`: a queue that cannot grow without limit, in front of slow work. */
import { Observable, Subscription, innerFrom } from 'rxjs'
